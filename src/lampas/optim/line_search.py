"""A line search that ends where the strong Wolfe conditions hold."""

from collections import namedtuple

SUFFICIENT_DECREASE = 1e-4
CURVATURE = 0.9


# A place along the direction: how far, the loss there, its gradient, and its slope along it.
Point = namedtuple("Point", ["distance", "loss", "grad", "slope"])


def _cubic_minimum(one, other, lowest=None, highest=None):
    """Return where the cubic through two points with their slopes is least, inside the bounds.

    The bounds are the points where none are given; where the cubic has no minimum, their middle is returned.
    Source: Nocedal, Wright, "Numerical Optimization", formula 3.59.
    """
    left, right = (one, other) if one.distance <= other.distance else (other, one)
    if lowest is None:
        lowest, highest = left.distance, right.distance
    mean_slope = one.slope + other.slope - 3 * (one.loss - other.loss) / (one.distance - other.distance)
    radicand = mean_slope**2 - one.slope * other.slope
    if not radicand >= 0:
        return (lowest + highest) / 2.0
    root = radicand.sqrt()
    share = (right.slope + root - mean_slope) / (right.slope - left.slope + 2 * root)
    return min(max(right.distance - (right.distance - left.distance) * share, lowest), highest)


def _lies_too_high(point, start):
    return point.loss > start.loss + SUFFICIENT_DECREASE * point.distance * start.slope


def _is_flat_enough(point, start):
    return abs(point.slope) <= -CURVATURE * start.slope


def _widen(evaluate, start, distance, evaluations_left):
    """Go on until the Wolfe conditions hold or two points bracket such a place.

    Returns the points (one where the conditions hold) and how many steps were made after the first.
    """
    previous, point = start, evaluate(distance)
    for count in range(evaluations_left):
        if _lies_too_high(point, start) or (count > 1 and point.loss >= previous.loss):
            return [previous, point], count
        if _is_flat_enough(point, start):
            return [point], count
        if point.slope >= 0:
            return [previous, point], count
        lowest = point.distance + 0.01 * (point.distance - previous.distance)
        next_distance = _cubic_minimum(previous, point, lowest, point.distance * 10)
        previous, point = point, evaluate(next_distance)
    return [start, point], evaluations_left


def _away_from_the_ends(distance, ends, was_close):
    """Return a trial distance that makes progress, and whether it lies close to an end of the bracket."""
    lowest, highest = min(ends), max(ends)
    margin = 0.1 * (highest - lowest)
    if not min(highest - distance, distance - lowest) < margin:
        return distance, False
    if was_close or distance >= highest or distance <= lowest:
        nearer_the_highest = abs(distance - highest) < abs(distance - lowest)
        return (highest - margin if nearer_the_highest else lowest + margin), False
    return distance, True


def strong_wolfe(evaluate, start, distance, largest_change, tolerance_change, evaluations_left):
    """Look along a direction for a point where the strong Wolfe conditions hold.

    Args:
        evaluate (callable): gives the Point at a distance.
        start (Point): the point at distance 0; its slope is negative.
        distance (float or Tensor): the first trial.
        largest_change (Tensor): how much an element changes at most at distance 1.
        tolerance_change (float): the search ends where elements change less than this.
        evaluations_left (int): how often to evaluate after the first trial.

    Returns the best point and the number of evaluations.

    Source: Nocedal, Wright, "Numerical Optimization", algorithms 3.5 and 3.6, in the form of minFunc.
    """
    bracket, count = _widen(evaluate, start, distance, evaluations_left)
    if len(bracket) == 1:
        return bracket[0], count + 1
    was_close = False
    low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
    while count < evaluations_left:
        ends = [point.distance for point in bracket]
        if abs(ends[1] - ends[0]) * largest_change < tolerance_change:
            break
        trial, was_close = _away_from_the_ends(_cubic_minimum(*bracket), ends, was_close)
        point = evaluate(trial)
        count += 1
        if _lies_too_high(point, start) or point.loss >= bracket[low].loss:
            bracket[high] = point
            low, high = (0, 1) if bracket[0].loss <= bracket[1].loss else (1, 0)
            continue
        done = _is_flat_enough(point, start)
        if not done and point.slope * (bracket[high].distance - bracket[low].distance) >= 0:
            bracket[high] = bracket[low]
        bracket[low] = point
        if done:
            break
    return bracket[low], count + 1
