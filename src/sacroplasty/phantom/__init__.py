"""Virtual patients: CT, and the anatomy, fracture and cement that made it."""
