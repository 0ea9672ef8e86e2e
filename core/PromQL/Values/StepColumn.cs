using Tributary.Model;

namespace Tributary.PromQL.Values;

/// <summary>One series at all steps: at each a float, a histogram, or nothing.</summary>
/// <remarks>Where <see cref="Histograms"/> holds one, <see cref="Values"/> is <see cref="Absent"/>.</remarks>
internal sealed class StepColumn
{
    /// <summary>A column without any value.</summary>
    public StepColumn(int count)
    {
        Values = new double[count];
        Values.AsSpan().Fill(Absent.Value);
    }

    private StepColumn(double[] values, Histogram?[]? histograms)
    {
        (Values, Histograms) = (values, histograms);
    }

    /// <summary>The float of each step, or <see cref="Absent"/>.</summary>
    public double[] Values { get; }

    /// <summary>The histogram of each step, or null; null as a whole while there is none.</summary>
    public Histogram?[]? Histograms { get; private set; }

    /// <summary>How many steps there are.</summary>
    public int Count => Values.Length;

    /// <summary>Whether no step has a value.</summary>
    public bool IsEmpty
    {
        get
        {
            for (var i = 0; i < Values.Length; i++)
            {
                if (Has(i))
                {
                    return false;
                }
            }
            return true;
        }
    }

    /// <summary>A column of floats; the array is taken over.</summary>
    public static StepColumn Of(params double[] values) => new(values, null);

    /// <summary>The same value at all steps.</summary>
    public static StepColumn Constant(double value, int count)
    {
        var values = new double[count];
        values.AsSpan().Fill(value);
        return new StepColumn(values, null);
    }

    /// <summary>Whether there is a float or a histogram at a step.</summary>
    public bool Has(int step) => !Absent.Is(Values[step]) || Histograms?[step] is not null;

    /// <summary>The histogram of a step, if there is one.</summary>
    public Histogram? HistogramAt(int step) => Histograms?[step];

    /// <summary>Puts a histogram at a step.</summary>
    public void Set(int step, Histogram value)
    {
        Histograms ??= new Histogram?[Values.Length];
        Histograms[step] = value;
        Values[step] = Absent.Value;
    }

    /// <summary>Puts a float at a step.</summary>
    public void Set(int step, double value)
    {
        Values[step] = value;
        if (Histograms is not null)
        {
            Histograms[step] = null;
        }
    }

    /// <summary>Takes the value of a step away.</summary>
    public void Remove(int step) => Set(step, Absent.Value);

    /// <summary>Takes all values away, so that the column serves again.</summary>
    public void Clear()
    {
        Values.AsSpan().Fill(Absent.Value);
        Histograms = null;
    }
}
