"""The account page: what users see and change of their own account, in a browser that is signed in here.

`access` finds whose account it is and asks for a new proof where one is needed; the other
modules are a page each. The pages hold no rule: each change is an action of a slice.
"""
