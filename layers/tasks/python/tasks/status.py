"""The polling routes of all applications. No framework: polls are most of the traffic."""

from tasks.countries import status as countries
from tasks.examples import status as examples
from tasks.manager import status as manager
from windrow.store.polled import Routes

routes: Routes = {**countries.routes, **manager.routes, **examples.routes}
