"""The sign-in pages: what a browser sees between an app's authorize link and the code it goes back with.

`pages` lists them; `visit` is one request of a browser with its cookies, its form and the
protections that all share; `rendering` fills the templates. The pages hold no rule: every
step goes through the pipeline of `features.authentication`, which decides what comes next.
They work without scripts.
"""
