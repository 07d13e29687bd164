"""The network where there is no lab: nine edges and nine resolvers on loopback."""
