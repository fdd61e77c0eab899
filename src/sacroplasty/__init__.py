"""Plan, rehearse and check a sacroplasty on the patient's own CT.

Research and teaching software, not a medical device. The rooms are listed in the order in which
the patient walks through them: `imaging`, `anatomy`, `planning`, `injection`, `fluoroscopy`;
`pathway` knows the order. Import a room to use it; this package imports nothing by itself, so
that `sacroplasty --help` answers at once.
"""

NOT_A_DEVICE = (
    "Research and teaching software, not a medical device. Do not use it to treat a patient."
)
