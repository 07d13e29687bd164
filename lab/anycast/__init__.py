"""A small anycast internet on one machine: namespaces, wires, BGP, edges and cities."""
