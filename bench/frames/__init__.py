"""The read rate of tickets before a phone's camera: `python -m bench.frames`, on generated frames.

A frame is 1280 × 720 and shows a phone with a code on a light or a dark page. `side` is the width of the code in pixels
of that frame, its quiet zone included, so that a denser code has smaller modules. Each condition spoils the frame in
its own way (bench.frames.conditions). Everything follows from seeds, and every variant of the code appears in the very
same scene, so two rates differ by the code alone.

The door's camera takes two looks, the middle of a frame and then all of it scaled to 400,000 pixels; both are decoded
by the door's own reader.ts in node. A rate of n frames is known to about ±1/√n: 0.95 of 100 may be 0.89 or 0.98.
"""
