package model

import "math"

// studentQuantile returns how many standard errors on either side of the mean
// hold level percent of Student's t distribution with freedom degrees of
// freedom, at least 1.
func studentQuantile(level float64, freedom int) float64 {
	z := quantile(level)
	if freedom >= manyFreedoms {
		return rounded(studentExpansion(z, float64(freedom)))
	}
	// What lies within t is a concave function of t, so Newton's method climbs
	// from below, where the normal quantile is, and never overshoots.
	const enough = 64
	t := z
	for range enough {
		within, density := student(t, freedom)
		next := t + (level/100-within)/density
		if !(next > t) {
			break
		}
		t = next
	}
	return rounded(t)
}

// manyFreedoms is where the expansion becomes as good as the sum.
const manyFreedoms = 200

// student returns the probability of -t..t and its derivative: Abramowitz &
// Stegun, Handbook of Mathematical Functions, 1964, 26.7.3 and 26.7.4. They are
// sums of powers of the cosine of the angle whose tangent is t/sqrt(freedom).
func student(t float64, freedom int) (within, density float64) {
	root := math.Sqrt(float64(freedom))
	cosine := 1 / math.Hypot(1, t/root)
	sine := cosine * (t / root)
	sum, power, k := 0.0, 1.0, 1.0
	if freedom%2 == 1 {
		power, k = cosine, 2
	}
	for range freedom / 2 {
		sum += power
		power *= cosine * cosine * (k / (k + 1))
		k += 2
	}
	// The first power that is not in the sum is the density but for a factor.
	if freedom%2 == 0 {
		return sine * sum, power * cosine * root
	}
	const share = 2 / math.Pi
	return share * (math.Atan(t/root) + float64(sine*sum)), share * power * cosine * root
}

// studentExpansion returns Student's quantile for the normal one: Abramowitz &
// Stegun 26.7.5.
func studentExpansion(z, freedom float64) float64 {
	square := z * z
	polynomial := func(divisor float64, coefficients ...float64) float64 {
		sum := 0.0
		for _, c := range coefficients {
			sum = float64(sum*square) + c
		}
		return float64(z * sum / divisor)
	}
	t := polynomial(92160, 79, 776, 1482, -1920, -945) / freedom
	t = (t + polynomial(384, 3, 19, 17, -15)) / freedom
	t = (t + polynomial(96, 5, 16, 3)) / freedom
	t = (t + polynomial(4, 1, 1)) / freedom
	return z + t
}
