# mypy: ignore-errors
"""Run by a Python that has itk-rtk: the matrix of one projection, and where its source stands."""

import json
import sys

import itk
from itk import RTK

arguments = json.loads(sys.stdin.read())
geometry = RTK.ThreeDCircularProjectionGeometry.New()
geometry.AddProjection(*arguments)
matrix = itk.array_from_matrix(geometry.GetMatrix(0))
print(json.dumps({"matrix": matrix.tolist(), "source": list(geometry.GetSourcePosition(0))[:3]}))
