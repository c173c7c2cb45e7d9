"""What uvicorn serves: the application of the way that the environment names."""

from benchmarks.realtime.ways import application as make
from benchmarks.realtime.ways import from_environment

application = make(*from_environment())
