"""The names by which the world knows the countries: of the task, and of the routes."""

# The task's name, and the key that only one live refresh can have.
TASK = "countries.refresh"

# The seed writes the first; the exercise that it grew from, and its validators, the second.
PREFIXES = ("/api/v1", "")

COUNTRIES = "/countries"
COUNTRY = "/countries/{name:path}"
IMAGE = "/countries/image"
REFRESH = "/countries/refresh"
REFRESH_STATUS = "/countries/refresh/status"
STATUS = "/status"
