using System.Text.Json;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>What 3.14 answers where the recorded 2.42 answers something else, and no answer of 3.14 is at hand.</summary>
/// <param name="Status">The status.</param>
/// <param name="Judge">What is wrong with an answer, given the recorded one; null when nothing is.</param>
internal sealed record HttpApiDifference(int Status, Func<JsonElement, JsonElement, string?> Judge);
