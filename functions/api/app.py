"""The API Lambda: an HTTP request in, an answer out."""

from tasks import registry
from tasks.routes import routers
from windrow.lambdas.api import build

handler = build(registry, routers)
