"""At home in web frameworks: who is signed in, who may pass, and the three routes of a sign-in.

One file a framework, none of which is imported by another; `sign_in` is what they share and
knows no framework, `exchanges` the values it takes and gives, `visits` what those without
coroutines share. Each stands on the public client alone, so it works over HTTP and embedded alike.
"""
