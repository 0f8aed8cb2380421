"""How long tests wait for a state."""

SECONDS = 120
"""What has not come by then is not going to come, on any machine."""
