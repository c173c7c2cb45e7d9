"""Routes and views: addresses, redirects, requests, and what views send and ask for."""
