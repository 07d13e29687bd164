"""What is shown: a network, one collector, fourteen agents; and the story that checks them."""
