from .base import *

ALLOWED_HOSTS = ["*"]
INTERNAL_IPS = ["127.0.0.1"]
