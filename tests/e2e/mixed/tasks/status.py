"""This application has no polling routes."""

from collections.abc import Mapping

from windrow.lambdas.status import Answer

routes: Mapping[str, Answer] = {}
