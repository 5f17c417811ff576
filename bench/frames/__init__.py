"""Which tickets a phone's camera reads: `python -m bench.frames`, on generated frames.

A frame is 1280 × 720 and shows a phone with a code on a light or a dark page. `side` is how many pixels of that frame
the code is wide, its quiet zone included, so that a denser code has smaller modules. Each condition spoils the frame
in its own way (bench.frames.conditions). Everything follows from seeds, and every variant of the code is shown in the
very same scene, so two rates differ by the code alone.

Decoded is what the door's camera hands over in two looks, the middle of a frame and then all of it scaled to 400,000
pixels, by the door's own reader.ts in node.
A rate of n frames is known to about ±1/√n: 0.95 of 100 may be 0.89 or 0.98.
"""
