using System.Globalization;
using System.Text;

namespace Tributary.RemoteWrite;

/// <summary>What became of one request of remote write: what is stored of it, what is not, and why not.</summary>
internal sealed class WriteTally
{
    private const int MaxExampleChars = 300;

    private readonly int[] counts = new int[Enum.GetValues<WriteProblem>().Length];
    private readonly string?[] examples = new string?[Enum.GetValues<WriteProblem>().Length];

    /// <summary>Float samples that are stored.</summary>
    public int Samples { get; set; }

    /// <summary>Native histograms that are stored.</summary>
    public int Histograms { get; set; }

    /// <summary>Exemplars that were sent; none are stored.</summary>
    public int Exemplars { get; set; }

    /// <summary>Families whose metadata was not kept, because there is too much of it.</summary>
    public int DroppedMetadata { get; set; }

    /// <summary>Whether there is anything that is not stored and should be.</summary>
    public bool HasProblems => Array.Exists(examples, example => example is not null);

    /// <summary>How many samples and histograms are not stored for a reason.</summary>
    public int CountOf(WriteProblem problem) => counts[(int)problem];

    /// <summary>Takes note of samples that are not stored.</summary>
    /// <param name="problem">Why.</param>
    /// <param name="samples">How many.</param>
    /// <returns>Whether it is the first of its kind, so that <see cref="Explain"/> is to be called.</returns>
    public bool Add(WriteProblem problem, int samples)
    {
        counts[(int)problem] += samples;
        return examples[(int)problem] is null;
    }

    /// <summary>Gives the example of a kind of problem.</summary>
    public void Explain(WriteProblem problem, string example) =>
        examples[(int)problem] = example.Length > MaxExampleChars ? example[..MaxExampleChars] + "…" : example;

    /// <summary>What to tell the sender; null when all that he has to know is that it worked.</summary>
    /// <param name="isV2">Whether the message is one of 2.0; to a sender of 1.0 series with invalid labels are no error.</param>
    public string? Complaint(bool isV2) =>
        Describe(problem => isV2 || problem is not WriteProblem.InvalidLabels) is { Length: > 0 } text ? text : null;

    /// <summary>All problems, for our own log.</summary>
    public string Describe() => Describe(_ => true);

    private string Describe(Predicate<WriteProblem> isTold)
    {
        var text = new StringBuilder();
        foreach (var problem in Enum.GetValues<WriteProblem>())
        {
            if (examples[(int)problem] is { } example && isTold(problem))
            {
                text.Append(text.Length > 0 ? "; " : "").Append(example);
                if (counts[(int)problem] > 1)
                {
                    text.Append(CultureInfo.InvariantCulture, $" ({counts[(int)problem]} samples are not stored so)");
                }
            }
        }
        return text.ToString();
    }
}
