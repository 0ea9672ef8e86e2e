namespace Tributary.PromQL.Functions;

/// <summary>The values of a window in order, kept so while it slides.</summary>
internal sealed class SortedWindow
{
    private double[] sorted = new double[64];

    /// <summary>How many values are NaN.</summary>
    public int NaNs { get; private set; }

    /// <summary>The others, rising.</summary>
    public ReadOnlySpan<double> Numbers => sorted.AsSpan(0, Length);

    /// <summary>How many values there are.</summary>
    public int Count => NaNs + Length;

    private int Length { get; set; }

    /// <summary>Takes a value in.</summary>
    public void Add(double value)
    {
        if (double.IsNaN(value))
        {
            NaNs++;
            return;
        }
        if (Length == sorted.Length)
        {
            Array.Resize(ref sorted, Length * 2);
        }
        var place = FirstNotBelow(value);
        sorted.AsSpan(place, Length - place).CopyTo(sorted.AsSpan(place + 1));
        sorted[place] = value;
        Length++;
    }

    /// <summary>Takes a value out that was taken in.</summary>
    public void Remove(double value)
    {
        if (double.IsNaN(value))
        {
            NaNs--;
            return;
        }
        var place = FirstNotBelow(value);
        sorted.AsSpan(place + 1, Length - place - 1).CopyTo(sorted.AsSpan(place));
        Length--;
    }

    /// <summary>Forgets all values and takes others in: cheaper than one by one when most of them change.</summary>
    public void Reset(ReadOnlySpan<double> values)
    {
        if (sorted.Length < values.Length)
        {
            sorted = new double[values.Length];
        }
        Length = 0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value))
            {
                sorted[Length++] = value;
            }
        }
        NaNs = values.Length - Length;
        sorted.AsSpan(0, Length).Sort();
    }

    /// <summary>The value at a place of the order in which NaN comes first.</summary>
    public double At(int place) => place < NaNs ? double.NaN : sorted[place - NaNs];

    /// <summary>A quantile of the values, of which there is one at least.</summary>
    /// <param name="quantile">−∞ comes of less than 0, +∞ of more than 1, NaN of NaN.</param>
    public double Quantile(double quantile)
    {
        if (double.IsNaN(quantile))
        {
            return double.NaN;
        }
        if (quantile < 0 || quantile > 1)
        {
            return quantile < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }
        var rank = quantile * (Count - 1);
        var lower = Math.Max(0, Math.Floor(rank));
        var upper = Math.Min(Count - 1, lower + 1);
        var weight = rank - Math.Floor(rank);
        return (At((int)lower) * (1 - weight)) + (At((int)upper) * weight);
    }

    private int FirstNotBelow(double value)
    {
        var (low, high) = (0, Length);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (sorted[middle] < value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }
        return low;
    }
}
