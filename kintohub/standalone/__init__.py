"""Set-up and running on one machine; standard library only, because it makes the virtual environment."""
