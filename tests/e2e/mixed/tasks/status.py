"""This application has no polling routes."""

from windrow.store.polled import Routes

routes: Routes = {}
