using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>One request to a store, as faults and traces see it.</summary>
/// <param name="Operation">The verb, for the trace.</param>
/// <param name="Class">For the count.</param>
/// <param name="Name">The blob, or table/partition.</param>
/// <param name="Argument">The position or count, or −1.</param>
/// <param name="UsesLease">Whether a lost lease would be felt.</param>
internal readonly record struct StoreCall(
    string Operation,
    OperationClass Class,
    string Name,
    long Argument = -1,
    bool UsesLease = false
)
{
    public bool Changes =>
        Class is not (OperationClass.BlobRead or OperationClass.BlobList or OperationClass.TableRead);
}
