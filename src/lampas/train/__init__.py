"""The tool behind the command `lampas`: training networks and looking at what they learned."""
