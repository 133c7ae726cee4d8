"""The polling routes of all applications. No framework: polls are most of the traffic."""

from tasks.countries import status as countries
from tasks.manager import status as manager
from windrow.store.polled import Routes

routes: Routes = {**countries.routes, **manager.routes}
