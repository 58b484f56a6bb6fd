"""Print the minimax polynomials of elementary_functions.h and float_functions.h in core/kernels/cpu/vector/.

Each polynomial P minimises the largest |weight(x) * (target(x) - P(x))| over its interval, found by
Remez's exchange in 60 digits (E. Remez, 1934; Muller, "Elementary Functions", 3rd ed., section 3.5).
The weight turns the error of P into the relative error of the function that is built from it.
Run: python scripts/minimax_coefficients.py    (needs mpmath)
"""

import mpmath as mp

mp.mp.dps = 60


def minimax(target, weight, low, high, degree, rounds=30):
    """Return the coefficients (lowest power first) and the largest weighted error."""
    low, high = mp.mpf(low), mp.mpf(high)
    count = degree + 2
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle - half * mp.cos(mp.pi * i / (count - 1)) for i in range(count)]
    grid = [middle - half * mp.cos(mp.pi * i / (40 * count)) for i in range(40 * count + 1)]
    target_on_grid = [target(x) for x in grid]
    weight_on_grid = [weight(x) for x in grid]
    for _ in range(rounds):
        # sum_k c_k x^k + (-1)^i E / weight(x_i) = target(x_i): the error alternates at the points.
        system = mp.matrix(count, count)
        right = mp.matrix(count, 1)
        for i, x in enumerate(points):
            for k in range(degree + 1):
                system[i, k] = x**k
            system[i, degree + 1] = (-1) ** i / weight(x)
            right[i] = target(x)
        solution = mp.lu_solve(system, right)
        coefficients = [solution[k] for k in range(degree + 1)]
        errors = [
            w * (t - mp.polyval(coefficients[::-1], x))
            for x, t, w in zip(grid, target_on_grid, weight_on_grid, strict=False)
        ]
        points = alternating_extremes(grid, errors, count)
        largest = max(abs(e) for e in errors)
        if largest <= abs(solution[degree + 1]) * mp.mpf("1.001"):
            break
    return coefficients, largest


def alternating_extremes(grid, errors, count):
    """Return `count` grid points where the error is extreme with alternating signs."""
    extremes = []
    for x, error in zip(grid, errors, strict=False):
        if extremes and (error > 0) == (extremes[-1][1] > 0):
            if abs(error) > abs(extremes[-1][1]):
                extremes[-1] = (x, error)
        else:
            extremes.append((x, error))
    while len(extremes) > count:
        extremes.pop(0 if abs(extremes[0][1]) < abs(extremes[-1][1]) else -1)
    if len(extremes) < count:
        raise RuntimeError("the error does not alternate often enough: raise the precision")
    return [x for x, _ in extremes]


def at_zero(function, value, nearby="1e-12"):
    """Extend a function whose formula is 0/0 at zero."""
    return lambda x: mp.mpf(value) if abs(x) < mp.mpf(nearby) else function(x)


def exponential(x):
    """(exp(x) - 1 - x) / x^2, so that exp(x) = 1 + x + x^2 P(x)."""
    return (mp.expm1(x) - x) / x**2


def logarithm(x):
    """(log(1+x) - x + x^2/2) / x^3, so that log(1+x) = x - x^2/2 + x^3 P(x)."""
    return (mp.log1p(x) - x + x**2 / 2) / x**3


def sine(y):
    """With y = x^2: (sin(x)/x - 1) / y, so that sin(x) = x + x y P(y)."""
    x = mp.sqrt(y)
    return (mp.sin(x) / x - 1) / y


def cosine(y):
    """With y = x^2: (cos(x) - 1 + y/2) / y^2, so that cos(x) = 1 - y/2 + y^2 P(y)."""
    return (mp.cos(mp.sqrt(y)) - 1 + y / 2) / y**2


def hyperbolic_tangent(y):
    """With y = x^2: (tanh(x)/x - 1) / y, so that tanh(x) = x + x y P(y), for small x."""
    x = mp.sqrt(y)
    return (mp.tanh(x) / x - 1) / y


def error_function(y):
    """With y = x^2: erf(x)/x - 1, so that erf(x) = x + x P(y), for small x."""
    x = mp.sqrt(y)
    return mp.erf(x) / x - 1


def log_erfc(x):
    """log(erfc(x)), so that erf(x) = 1 - exp(P(x)), for large x."""
    return mp.log(mp.erfc(x))


def arctangent(y):
    """With y = x^2: (atan(x)/x - 1) / y, so that atan(x) = x + x y P(y), for x up to tan(pi/8)."""
    x = mp.sqrt(y)
    return (mp.atan(x) / x - 1) / y


def scaled_erfc(u):
    """exp(x^2) erfc(x) with u = 1 / (1 + x/2), so that erfc(x) = exp(-x^2) P(u), for large x."""
    x = 2 * (1 / u - 1)
    return mp.erfc(x) * mp.exp(x**2)


# The degree of each polynomial. Those of the last row are for floats that are computed in double.
DEGREES = {
    "float": {"exp": 4, "log": 7, "sin": 2, "cos": 2, "tanh": 4, "erf": 5, "log_erfc": 6},
    "double": {"exp": 9, "log": 19, "sin": 5, "cos": 5, "tanh": 11, "erf": 11, "log_erfc": 17},
    "float in double": {"exp": 6, "log": 11, "erf": 7, "atan": 6, "scaled_erfc": 9},
}
# Where erf goes from one polynomial to the other, and where it is 1 to the last place.
BOUNDS_OF_ERF = {"float": ("0.92", "3.95"), "double": ("1", "5.95")}
# erfc of a float is 0 beyond the second.
BOUNDS_OF_ERFC = ("1", "10.3")


def problems(type_name):
    """Return {name: (target, weight, low, high)}, what `minimax` is asked for."""
    tiny = mp.mpf("1e-40")  # keeps a weight from 0, by which it divides
    half_ln2 = mp.log(2) / 2 * mp.mpf("1.0001")
    sqrt2 = mp.sqrt(2)
    quarter_pi_squared = (mp.pi / 4 * mp.mpf("1.001")) ** 2
    tangent = mp.tan(mp.pi / 8) * mp.mpf("1.0001")
    least_u, greatest_u = (1 / (1 + mp.mpf(bound) / 2) for bound in reversed(BOUNDS_OF_ERFC))
    erf_end, far = BOUNDS_OF_ERF["float" if type_name == "float" else "double"]
    return {
        "exp": (at_zero(exponential, "0.5"), lambda x: x**2 / mp.exp(x) + tiny, -half_ln2, half_ln2),
        "log": (
            at_zero(logarithm, mp.mpf(1) / 3),
            at_zero(lambda x: x**3 / mp.log1p(x) + tiny, 1),
            sqrt2 / 2 - 1,
            sqrt2 - 1,
        ),
        "sin": (at_zero(sine, mp.mpf(-1) / 6), lambda y: y + tiny, 0, quarter_pi_squared),
        "cos": (at_zero(cosine, mp.mpf(1) / 24), lambda y: y**2 + tiny, 0, quarter_pi_squared),
        "tanh": (
            at_zero(hyperbolic_tangent, mp.mpf(-1) / 3),
            lambda y: y + tiny,
            0,
            mp.mpf("0.625") ** 2,
        ),
        "erf": (
            at_zero(error_function, 2 / mp.sqrt(mp.pi) - 1),
            lambda y: mp.mpf(1),
            0,
            mp.mpf(erf_end) ** 2,
        ),
        "log_erfc": (log_erfc, mp.erfc, erf_end, far),
        "atan": (at_zero(arctangent, mp.mpf(-1) / 3), lambda y: y + tiny, 0, tangent**2),
        "scaled_erfc": (scaled_erfc, lambda u: 1 / scaled_erfc(u), least_u, greatest_u),
    }


def main():
    for type_name, degrees in DEGREES.items():
        digits = 9 if type_name == "float" else 17
        all_problems = problems(type_name)
        for name, degree in degrees.items():
            target, weight, low, high = all_problems[name]
            coefficients, largest_error = minimax(target, weight, low, high, degree)
            print(f"{name} {type_name}: largest error {mp.nstr(largest_error, 3)}, lowest power first")
            written = (mp.nstr(each, digits, min_fixed=0, max_fixed=0) for each in coefficients)
            print("  " + ", ".join(written), flush=True)


if __name__ == "__main__":
    main()
