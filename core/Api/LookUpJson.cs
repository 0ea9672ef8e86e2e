using System.Text.Json;
using Tributary.Model;
using Tributary.PromQL.Values;
using Tributary.Storage.Selection;

namespace Tributary.Api;

/// <summary>Answers of look-ups without samples, written in pieces: <c>{"status":"success","data":[…],"warnings":[…]}</c>.</summary>
/// <param name="found">What was found.</param>
/// <param name="writeItem">Writes one of it.</param>
internal sealed class LookUpJson<T>(LookUp<T> found, Action<Utf8JsonWriter, T> writeItem)
{
    private const int PieceBytes = 64 * 1024;

    private int next;
    private bool begun;

    /// <summary>Whether everything has been written.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Writes about 64 KiB more; false when nothing is left.</summary>
    public bool WritePiece(Utf8JsonWriter json)
    {
        if (IsEnded)
        {
            return false;
        }
        if (!begun)
        {
            json.WriteStartObject();
            json.WriteString("status"u8, "success"u8);
            json.WriteStartArray("data"u8);
            begun = true;
        }
        // Not what is pending: the writer hands on what does not fit into the buffer that it was given.
        var end = json.BytesCommitted + json.BytesPending + PieceBytes;
        while (next < found.Items.Count && json.BytesCommitted + json.BytesPending < end)
        {
            writeItem(json, found.Items[next++]);
        }
        if (next == found.Items.Count)
        {
            json.WriteEndArray();
            Warnings(json);
            json.WriteEndObject();
            IsEnded = true;
        }
        return true;
    }

    private void Warnings(Utf8JsonWriter json)
    {
        if (found.Warnings.Count == 0)
        {
            return;
        }
        json.WriteStartArray("warnings"u8);
        foreach (var warning in found.Warnings.Take(AnnotationSet.MaxShown))
        {
            json.WriteStringValue(warning);
        }
        if (found.Warnings.Count > AnnotationSet.MaxShown)
        {
            json.WriteStringValue($"{found.Warnings.Count - AnnotationSet.MaxShown} more warning annotations omitted");
        }
        json.WriteEndArray();
    }
}

/// <summary>The items of look-ups.</summary>
internal static class LookUpJson
{
    /// <summary>Label names or values.</summary>
    public static LookUpJson<string> Of(LookUp<string> found) =>
        new(found, (json, text) => json.WriteStringValue(text));

    /// <summary>Series, each as an object of its labels.</summary>
    public static LookUpJson<LabelSet> Of(LookUp<LabelSet> found) => new(found, LabelsJson.Write);
}
