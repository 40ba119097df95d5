# shellcheck shell=bash disable=SC2034
# Sourced: the wake of a cylinder so small that every verb is done within seconds on two ranks.
readonly -a small_wake=(inputs/flow/cylinder_wake.yaml --set "grid.cells=[64,32]"
  --set "ensemble.parameters.0.values=[80,100,140]" --set "ensemble.validation=[1]" --set "ensemble.test=[]"
  --set ensemble.spin_up_s=2 --set ensemble.windows=12 --set time.window_s=0.5 --set time.end_s=10
  --set "contenders=[]" --set network.kind=unet --set network.width=8 --set network.levels=1
  --set network.constrain=true --set "training.unroll=[1]" --set "training.unroll_fractions=[]"
  --set training.rollout_windows=4 --set training.batch=4 --set training.max_time_s=0
  --set training.validate_every=5 --set training.checkpoint_every=100000
  --set compare.spin_up_s=2 --set compare.windows=4 --set compare.picture_count=1 --set "compare.coarser=[]"
  --set "compare.looser=[]")
