"""What this version cannot know, in plain words. Kept beside the report so that nobody forgets."""

LIMITS_OF_THE_METHOD = (
    "The cement has one constant viscosity. Real cement thickens with time and warmth and flows "
    "more easily the faster it is sheared; late leaks and late rises of pressure are missed.",
    "Bone lets cement through as its CT density suggests. The true channels between trabeculae "
    "are finer than a CT voxel.",
    "There are no veins in the model, so a venous leak or an embolus cannot appear.",
    "No heat, no setting, no blood pressure and no movement of fracture fragments are computed.",
    "The needle is straight, rigid and goes exactly where it was planned.",
    "Thin cortex and narrow clefts vanish between voxels: a leak through them can be missed, and "
    "a clearance cannot be known better than about one voxel.",
    "The radiographs are single-energy line integrals without scatter, noise or detector blur.",
    "The margins are defaults of this project. No published standard was found for them.",
)
