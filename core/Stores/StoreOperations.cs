namespace Tributary.Stores;

/// <summary>Counts requests to a store, each attempt once, at the moment it is sent. Safe for several threads.</summary>
public sealed class StoreOperations
{
    private readonly long[] counts = new long[Enum.GetValues<OperationClass>().Length];

    /// <summary>How many requests of a class were sent.</summary>
    public long this[OperationClass operation] => Interlocked.Read(ref counts[(int)operation]);

    /// <summary>All requests.</summary>
    public long Total => Enum.GetValues<OperationClass>().Sum(c => this[c]);

    /// <summary>The requests to several stores together, as they are now.</summary>
    public static StoreOperations Sum(params IEnumerable<StoreOperations> stores)
    {
        var sum = new StoreOperations();
        foreach (var store in stores)
        {
            for (var i = 0; i < sum.counts.Length; i++)
            {
                sum.counts[i] += Interlocked.Read(ref store.counts[i]);
            }
        }
        return sum;
    }

    /// <summary>Counts one request.</summary>
    public void Count(OperationClass operation) => Interlocked.Increment(ref counts[(int)operation]);
}
