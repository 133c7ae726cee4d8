"""The status Lambda: a polling request in, one read, an answer out."""

from tasks.status import routes
from windrow.lambdas.status import build

handler = build(routes)
