using System.Text.Json;
using Tributary.Storage.Ledger;

namespace Tributary.Api;

/// <summary>What <c>/api/v1/status/gaps</c> and <c>tributary gaps</c> say.</summary>
/// <param name="Sources">The sources that have gaps, or had some, by key.</param>
/// <param name="Problems">What is wrong with the ledger.</param>
public sealed record GapsStatus(IReadOnlyList<SourceGaps> Sources, IReadOnlyList<string> Problems)
{
    /// <summary>The gaps of a ledger.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="source">The only source, by its key or the beginning of it; empty for all.</param>
    public static GapsStatus Of(SourceLedger ledger, string source = "") =>
        new(
            [
                .. ledger
                    .All.Select(known => known.Gaps)
                    .Where(gaps => gaps.All.Count + gaps.Dropped > 0)
                    .Where(gaps => gaps.Source.StartsWith(source, StringComparison.Ordinal)),
            ],
            ledger.Problems
        );

    /// <summary>Writes the object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("gaps"u8);
        foreach (var gaps in Sources)
        {
            foreach (var gap in gaps.All)
            {
                json.WriteStartObject();
                json.WriteString("source"u8, gaps.Source);
                json.WriteString("from"u8, TimeJson.Format(gap.FromMs));
                json.WriteString("to"u8, TimeJson.Format(gap.ToMs));
                json.WriteString(
                    "state"u8,
                    gap.State switch
                    {
                        GapState.Open => "open",
                        GapState.GivenUp => "givenUp",
                        _ => "filled",
                    }
                );
                json.WriteString("reason"u8, gap.Reason);
                if (gap.Note.Length > 0)
                {
                    json.WriteString("note"u8, gap.Note);
                }
                json.WriteEndObject();
            }
        }
        json.WriteEndArray();
        json.WriteStartObject("dropped"u8);
        foreach (var gaps in Sources)
        {
            if (gaps.Dropped > 0)
            {
                json.WriteNumber(gaps.Source, gaps.Dropped);
            }
        }
        json.WriteEndObject();
        json.WriteStartArray("problems"u8);
        foreach (var problem in Problems)
        {
            json.WriteStringValue(problem);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
