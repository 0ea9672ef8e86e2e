using System.Security.Cryptography;
using System.Text;
using Tributary.Discovery;
using Tributary.PromQL.Syntax;

namespace Tributary.Federation;

/// <summary>What a federate target asks for, and the addresses beside its own that ask for less.</summary>
internal sealed class SplitSelectors
{
    private const string MatchParameter = "match[]";
    private const string FederatePath = "/federate";
    private const int KeyChars = 16;

    private readonly Uri url;
    private readonly IReadOnlyList<string> otherParameters;

    private SplitSelectors(Uri url, IReadOnlyList<string> texts, IReadOnlyList<string> otherParameters)
    {
        (this.url, this.otherParameters) = (url, otherParameters);
        Groups = SplitGroups.Of([.. texts.Select(SelectorParser.ParseAny)]);
        Key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', texts))))[..KeyChars];
    }

    /// <summary>The selectors in groups that share no metric family.</summary>
    public IReadOnlyList<IReadOnlyList<VectorSelector>> Groups { get; }

    /// <summary>What tells them from others, the same in every process.</summary>
    public string Key { get; }

    /// <summary>What a target asks for; null when it is no <c>/federate</c>, or asks for something that is not understood.</summary>
    public static SplitSelectors? Of(Target target)
    {
        if (!target.IsFederate)
        {
            return null;
        }
        var selectors = new List<string>();
        var others = new List<string>();
        foreach (var field in target.Url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = field.IndexOf('=', StringComparison.Ordinal) is var at and >= 0
                ? (field[..at], field[(at + 1)..])
                : (field, "");
            if (string.Equals(Unescape(name), MatchParameter, StringComparison.Ordinal))
            {
                selectors.Add(Unescape(value));
            }
            else
            {
                others.Add(field);
            }
        }
        try
        {
            return selectors.Count == 0 ? null : new SplitSelectors(target.Url, selectors, others);
        }
        catch (ParseException)
        {
            // The source may understand it: such a target is asked as a whole.
            return null;
        }
    }

    /// <summary>The address that asks for the series of a group in a range of names.</summary>
    public Uri UrlOf(int group, NameRange range) => With(url.AbsolutePath, Fields(Groups[group], range));

    /// <summary>The address that asks for the metric names of series from a time on.</summary>
    public Uri NamesUrl(long fromSeconds)
    {
        var path = url.AbsolutePath[..^FederatePath.Length];
        var fields = Groups
            .SelectMany(group => Fields(group, NameRange.All))
            .Append(FormattableString.Invariant($"start={fromSeconds}"));
        return With($"{path}/api/v1/label/__name__/values", fields);
    }

    private static IEnumerable<string> Fields(IReadOnlyList<VectorSelector> selectors, NameRange range)
    {
        var matchers = range.Matchers();
        return selectors
            .Select(selector => new VectorSelector([.. selector.Matchers, .. matchers]).ToString())
            .Select(text => $"{Uri.EscapeDataString(MatchParameter)}={Uri.EscapeDataString(text)}");
    }

    private Uri With(string path, IEnumerable<string> fields) =>
        new UriBuilder(url) { Path = path, Query = string.Join('&', otherParameters.Concat(fields)) }.Uri;

    private static string Unescape(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
