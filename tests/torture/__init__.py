"""The long forms of the tests against faults: `make torture`. The short ones are in `make test`."""
