"""This application has no routes: its tasks are submitted by who watches them."""

from fastapi import APIRouter

from windrow.engine.engine import Engine


def routers(engine: Engine) -> list[APIRouter]:
    """None."""
    return []
