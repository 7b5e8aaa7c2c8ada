import numpy as np
import pytest
from scipy import stats

from lkcm.planning import PlanError
from lkcm.planning.micro.proximal_size import Micro, course, proximal_power, proximal_size

#: Liao et al. (2016): 42 days, five occasions, prompts with .4, an effect that starts at zero and
#: peaks on day 29, power .80: participants by availability and mean effect.
LIAO = {(0.5, 0.10): 42, (0.5, 0.08): 64, (0.7, 0.10): 32, (0.7, 0.08): 47}


@pytest.mark.parametrize(("design", "n"), LIAO.items())
def test_sizes_of_the_published_example(design, n):
    availability, mean = design
    assert proximal_size(Micro(course(42, mean, 0.0, 28), availability=availability)) == n


def test_a_constant_effect_of_many_people_has_a_normal_form():
    trial = Micro(course(30, 0.02), a_day=3, availability=1.0, probability=0.5, tested=1)
    ncp = np.sqrt(1000 * 90 * 0.25) * 0.02
    expected = stats.norm.sf(1.96 - ncp) + stats.norm.cdf(-1.96 - ncp)
    assert proximal_power(1000, trial) == pytest.approx(expected, abs=0.003)


def test_the_size_found_is_the_smallest():
    trial = Micro(course(28, 0.1), a_day=3)
    n = proximal_size(trial)
    assert proximal_power(n, trial) >= 0.8 > proximal_power(n - 1, trial)


def test_rarer_moments_and_lopsided_prompts_need_more_people():
    plain = proximal_size(Micro(course(28, 0.1)))
    assert proximal_size(Micro(course(28, 0.1), availability=0.3)) > plain
    assert proximal_size(Micro(course(28, 0.1), probability=0.1)) > plain


def test_availability_may_change_over_the_days():
    constant = Micro(course(10, 0.1), availability=0.5)
    daily = Micro(course(10, 0.1), availability=np.full(10, 0.5))
    assert constant.noncentrality == pytest.approx(daily.noncentrality)


@pytest.mark.parametrize(("initial", "peak"), [(None, None), (0.02, None), (0.0, 20)])
def test_a_course_has_its_mean_its_start_and_its_peak(initial, peak):
    effect = course(42, 0.1, initial, peak)
    assert effect.mean() == pytest.approx(0.1)
    if initial is not None:
        assert effect[0] == pytest.approx(initial)
    if peak is not None:
        assert effect.argmax() == peak


def test_too_few_people_have_no_power():
    assert (proximal_power([1, 6], Micro(course(10, 0.5))) == 0).all()


def test_all_problems_are_named_at_once():
    with pytest.raises(PlanError, match="availability is not one number.*probability is 1"):
        Micro(course(10, 0.1), availability=[0.5, 0.5], probability=1)
    with pytest.raises(PlanError, match="zero on every day"):
        proximal_size(Micro(np.zeros(10)))
    with pytest.raises(PlanError, match="days is 1"):
        course(1, 0.1)
