using Tributary.Model;

namespace Tributary.RemoteRead;

/// <summary>What the series of an answer are called.</summary>
internal static class ReadSeries
{
    /// <summary>The labels of a series with the external ones that it does not have, by name.</summary>
    public static LabelSet Labels(LabelSet series, LabelSet external)
    {
        if (external.Labels.IsEmpty)
        {
            return series;
        }
        var added = external.Labels.ToArray().Where(label => series.Get(label.Name) is null);
        return LabelSet.Of([.. series.Labels, .. added]);
    }
}
