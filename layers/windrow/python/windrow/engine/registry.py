"""The tasks that a deployment knows, by name."""

from collections.abc import Iterable, Iterator

from windrow.engine.definition import Definition, MapDefinition
from windrow.engine.system import RESERVED, SYSTEM
from windrow.errors import DefinitionError, UnknownTask
from windrow.model.system import is_system


class Registry:
    """Definitions by name; incomplete and duplicate ones are refused at import."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self._definitions: dict[str, Definition] = {}
        self._schedules: set[str] = set()
        for definition in definitions:
            self._add(definition)

    def get(self, name: str) -> Definition:
        """The definition of that name. Raises UnknownTask."""
        if name in SYSTEM:
            return SYSTEM[name]
        if is_system(name) and name in self._definitions:
            return self._definitions[name]
        return self.of_authors(name)

    def of_authors(self, name: str) -> Definition:
        """The same, but for those that a caller may submit. Raises UnknownTask."""
        if name not in self._definitions or is_system(name):
            raise UnknownTask(name, self.names)
        return self._definitions[name]

    @property
    def names(self) -> list[str]:
        """What callers may submit: all but the library's own."""
        return sorted(name for name in self._definitions if not is_system(name))

    def __iter__(self) -> Iterator[Definition]:
        return (each for name, each in self._definitions.items() if not is_system(name))

    def __contains__(self, name: str) -> bool:
        return name in self._definitions or name in SYSTEM

    def map(self, name: str) -> MapDefinition:
        """The map of that name. Raises UnknownTask."""
        definition = self.get(name)
        if not isinstance(definition, MapDefinition):
            raise UnknownTask(name, self.names)
        return definition

    def _add(self, definition: Definition) -> None:
        if definition.name in self._definitions:
            raise DefinitionError(f"Two tasks are named {definition.name!r}; a name is one task's.")
        if definition.name.startswith(RESERVED):
            raise DefinitionError(
                f"No task may be named {definition.name!r}: what begins with {RESERVED!r} is"
                " Windrow's own."
            )
        if isinstance(definition, MapDefinition) and definition.chunk_function is None:
            raise DefinitionError(
                f"Map {definition.name!r} says how to plan items but not what to do with them;"
                " declare a function with .chunk or .each."
            )
        for schedule_id, _ in definition.schedules:
            if schedule_id in self._schedules:
                raise DefinitionError(
                    f"Two schedules are called {schedule_id!r}; an id is one schedule's."
                )
            self._schedules.add(schedule_id)
        self._definitions[definition.name] = definition
