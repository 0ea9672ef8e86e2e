using Tributary.Model;

namespace Tributary.Templates;

/// <summary>What templates do with the answers to queries.</summary>
internal static class SampleFunctions
{
    /// <summary>What Go says of a nil that is used as a sample.</summary>
    private const string NilPointer = "runtime error: invalid memory address or nil pointer dereference";

    public static TemplateSample First(List<TemplateSample> samples) =>
        samples.Count > 0
            ? samples[0]
            : throw new TemplateFunctionException("first() called on vector with no elements");

    public static string LabelOf(object? sample, string label) => Of(sample).Labels.Get(label) ?? "";

    public static object ValueOf(object? sample) => GoValue.ValueOf(Of(sample));

    /// <summary>Sorts a list in its place by the values of a label, elements of one value as they were.</summary>
    public static List<TemplateSample> Sort(List<TemplateSample> samples, string label)
    {
        var sorted = samples
            .OrderBy(sample => sample.Labels.Get(label) ?? "", Comparer<string>.Create(Utf8Order.Compare))
            .ToArray();
        samples.Clear();
        samples.AddRange(sorted);
        return samples;
    }

    private static TemplateSample Of(object? sample) =>
        sample as TemplateSample ?? throw new TemplateFunctionException(NilPointer);
}
