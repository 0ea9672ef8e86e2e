using System.Runtime.ExceptionServices;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>One pass over the groups: those that it still keeps from others, and what the store said first. Guarded by the job's lock.</summary>
/// <param name="taken">The groups.</param>
internal sealed class EvaluatePass(HashSet<GroupRun> taken)
{
    private ExceptionDispatchInfo? refusal;

    public HashSet<GroupRun> Taken { get; } = taken;

    /// <summary>Notes that the store refused something; the group has no more turns in this pass.</summary>
    public void Refuse(GroupRun? run, StoreException exception)
    {
        refusal ??= ExceptionDispatchInfo.Capture(exception);
        if (run is not null && Taken.Remove(run))
        {
            run.IsBusy = false;
        }
    }

    public void ThrowIfRefused() => refusal?.Throw();
}
