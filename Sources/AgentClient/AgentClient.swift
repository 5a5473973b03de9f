package import Routing
