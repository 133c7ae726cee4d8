"""`@task` on a function declares a task, `@task.map` on the function that plans a map a map."""

from collections.abc import Callable
from typing import Any, Unpack

from windrow.engine.definition import Definition, MapDefinition, Plan
from windrow.engine.options import MapOptions, TaskOptions, refuse_unknown


class TaskDecorator:
    """`@task(...)` declares a task, `@task.map(...)` a map; both leave a callable in place."""

    def __call__(
        self, name: str, **options: Unpack[TaskOptions]
    ) -> Callable[[Callable[..., Any]], Definition]:
        refuse_unknown(name, options, TaskOptions.__optional_keys__)
        return lambda function: Definition(name=name, function=function, **options)

    def map(self, name: str, **options: Unpack[MapOptions]) -> Callable[[Plan], MapDefinition]:
        refuse_unknown(name, options, MapOptions.__optional_keys__)
        return lambda function: MapDefinition(name=name, function=function, **options)


task = TaskDecorator()
