/* Eight bars looked at together: one bit each, whether a value is below or above a level, or a price has met one. */
#if defined __AVX512F__ || defined __AVX2__
#include <immintrin.h>
#endif

#if defined __AVX512F__

#define COMPARE8(x, level, how, sign) (unsigned)_mm512_cmp_pd_mask(_mm512_loadu_pd(x), _mm512_set1_pd(level), how)

#elif defined __AVX2__

#define COMPARE4(x, level, how) _mm256_movemask_pd(_mm256_cmp_pd(_mm256_loadu_pd(x), _mm256_set1_pd(level), how))
#define COMPARE8(x, level, how, sign) (unsigned)(COMPARE4(x, level, how) | COMPARE4((x) + 4, level, how) << 4)

#else

#define COMPARE8(x, level, how, sign) \
    ((unsigned)((x)[0] sign level) | (unsigned)((x)[1] sign level) << 1 | (unsigned)((x)[2] sign level) << 2 | \
     (unsigned)((x)[3] sign level) << 3 | (unsigned)((x)[4] sign level) << 4 | (unsigned)((x)[5] sign level) << 5 | \
     (unsigned)((x)[6] sign level) << 6 | (unsigned)((x)[7] sign level) << 7)

#endif

static inline unsigned below8(const double *x, double level) { return COMPARE8(x, level, _CMP_LT_OQ, <); }

static inline unsigned above8(const double *x, double level) { return COMPARE8(x, level, _CMP_GT_OQ, >); }

static inline unsigned met8(const double *low, const double *high, double stop, double target) {
    return COMPARE8(low, stop, _CMP_LE_OQ, <=) | COMPARE8(high, target, _CMP_GE_OQ, >=);
}
