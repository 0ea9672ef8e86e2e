namespace Tributary.Stores;

/// <summary>Who pays for what is done now: one, or several by their shares. It follows a call through its awaits.</summary>
/// <remarks>
/// Set where a job begins, and read where requests to a store are counted, so that nothing in between has to know of it.
/// Shares are exact: what is divided comes together again, to the last unit.
/// </remarks>
public sealed class Payers
{
    private static readonly AsyncLocal<Payers?> Ambient = new();
    private static readonly Payers Nobody = new([Payer.Other], [1]);

    private readonly Payer[] payers;

    /// <summary>The sum of the weights up to each payer.</summary>
    private readonly long[] until;

    private Payers(Payer[] payers, long[] until)
    {
        this.payers = payers;
        this.until = until;
    }

    /// <summary>Who pays now.</summary>
    public static Payers Current => Ambient.Value ?? Nobody;

    /// <summary>How many they are.</summary>
    public int Count => payers.Length;

    /// <summary>One of them.</summary>
    public Payer this[int index] => payers[index];

    /// <summary>One who pays for everything.</summary>
    public static Payers Of(Payer payer) => new([payer], [1]);

    /// <summary>Several who share by weights; when all weights are 0, equally.</summary>
    /// <param name="shares">Payers, each once, and weights, which are not negative; at least one.</param>
    public static Payers Of(IReadOnlyList<(Payer Payer, long Weight)> shares)
    {
        ArgumentOutOfRangeException.ThrowIfZero(shares.Count);
        var isEqual = shares.All(share => share.Weight == 0);
        var until = new long[shares.Count];
        var sum = 0L;
        for (var i = 0; i < until.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(shares[i].Weight);
            sum = checked(sum + (isEqual ? 1 : shares[i].Weight));
            until[i] = sum;
        }
        return new Payers([.. shares.Select(share => share.Payer)], until);
    }

    /// <summary>Makes one pay for what the caller does until the result is disposed.</summary>
    public static PayerScope By(Payer payer) => By(Of(payer));

    /// <summary>Makes one pay unless somebody pays already.</summary>
    public static PayerScope Otherwise(Payer payer) => Ambient.Value is { } paying ? new PayerScope(paying) : By(payer);

    /// <summary>Makes several pay for what the caller does until the result is disposed.</summary>
    public static PayerScope By(Payers payers)
    {
        var before = Ambient.Value;
        Ambient.Value = payers;
        return new PayerScope(before);
    }

    /// <summary>What one of them pays of an amount; the shares of all are the amount.</summary>
    public long ShareOf(int index, long amount) =>
        payers.Length == 1 ? amount : UpTo(index, amount) - (index == 0 ? 0 : UpTo(index - 1, amount));

    internal static void Restore(Payers? payers) => Ambient.Value = payers;

    private long UpTo(int index, long amount) => (long)((Int128)amount * until[index] / until[^1]);
}
