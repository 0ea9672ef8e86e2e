namespace Tributary.Stores;

/// <summary>
/// Counts requests to a store, each attempt once, at the moment it is sent, and for whom they are. Safe for several threads.
/// </summary>
public sealed class StoreOperations
{
    private readonly long[] counts = new long[Enum.GetValues<OperationClass>().Length];
    private readonly PayerTable<StoreTally> tallies = new();

    /// <summary>How many requests of a class were sent.</summary>
    public long this[OperationClass operation] => Interlocked.Read(ref counts[(int)operation]);

    /// <summary>All requests.</summary>
    public long Total => Enum.GetValues<OperationClass>().Sum(c => this[c]);

    /// <summary>What each payer has used until now; together it is everything.</summary>
    public IEnumerable<KeyValuePair<Payer, StoreTally>> ByPayer => tallies.All;

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

    /// <summary>Counts one request; whoever pays now pays for it.</summary>
    /// <param name="operation">Its class.</param>
    /// <param name="bytesWritten">What it carries to a blob.</param>
    public void Count(OperationClass operation, long bytesWritten = 0)
    {
        Interlocked.Increment(ref counts[(int)operation]);
        var payers = Payers.Current;
        for (var i = 0; i < payers.Count; i++)
        {
            var tally = tallies.Of(payers[i]);
            tally.Count(operation, payers.ShareOf(i, OperationCounts.Millionths));
            tally.CountWritten(payers.ShareOf(i, bytesWritten));
        }
    }

    /// <summary>Counts bytes of blobs that an answer has brought.</summary>
    public void CountRead(long bytes)
    {
        var payers = Payers.Current;
        for (var i = 0; i < payers.Count; i++)
        {
            tallies.Of(payers[i]).CountRead(payers.ShareOf(i, bytes));
        }
    }
}
