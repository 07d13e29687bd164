"""What the lab costs and how true it is: `./dev bench lab`."""
