using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tributary.Api;
using Tributary.Functions.Hosting;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Functions.Endpoints;

/// <summary>The parameters of a request that may be a form: values of the body come before those of the URL.</summary>
internal sealed class ApiForm
{
    /// <summary>The most selectors of a request.</summary>
    private const int MaxSelectors = FederateEndpoint.MaxSelectors;

    /// <summary>Room for a long query and many selectors.</summary>
    private const long MaxFormBytes = 4 * 1024 * 1024;

    private readonly IFormCollection? body;
    private readonly IQueryCollection query;
    private readonly bool mayBeJoined;

    private ApiForm(IFormCollection? body, IQueryCollection query, bool mayBeJoined)
    {
        this.body = body;
        this.query = query;
        this.mayBeJoined = mayBeJoined;
    }

    /// <summary>Reads the parameters of a request.</summary>
    /// <exception cref="BadRequestException">The body is no form, or a too large one.</exception>
    public static async Task<ApiForm> ReadAsync(HttpContext context, ServerState state)
    {
        var request = context.Request;
        CheckEscapes(request.QueryString.Value ?? "");
        var mayBeJoined = state.Functions is not null && FunctionsSeam.MayBeJoined(request);
        var mayHaveBody = HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method);
        if (!mayHaveBody || !request.HasFormContentType)
        {
            return new ApiForm(null, request.Query, mayBeJoined);
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxFormBytes;
        }
        try
        {
            return new ApiForm(await request.ReadFormAsync(context.RequestAborted), request.Query, mayBeJoined);
        }
        // A body that ends in the middle of a part is an IOException, one that is too large another kind of it.
        catch (Exception exception)
            when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw new BadRequestException($"error parsing form values: {exception.Message}", exception);
        }
    }

    /// <summary>Whether there is no <c>match[]</c>.</summary>
    public bool IsWithoutSelectors => query["match[]"].Count == 0 && (body is null || body["match[]"].Count == 0);

    /// <summary>The first value of a parameter; empty when it is not there.</summary>
    public string Text(string name) =>
        (body is null ? null : body[name].FirstOrDefault()) ?? query[name].FirstOrDefault() ?? "";

    /// <summary>All values of a parameter; where the host may have joined several with commas, their parts, too.</summary>
    /// <exception cref="BadRequestException">There are too many.</exception>
    public IReadOnlyList<string> Texts(string name)
    {
        List<string> texts = [.. body is null ? [] : body[name].OfType<string>(), .. query[name].OfType<string>()];
        if (mayBeJoined)
        {
            texts.AddRange([.. texts.Where(text => text.Contains(',')).SelectMany(text => text.Split(','))]);
        }
        return texts.Count <= MaxSelectors
            ? texts
            : throw new BadRequestException($"more than {MaxSelectors} {name} parameters: ask in several requests");
    }

    /// <summary>A parameter that is true or false, written as Go reads it; false when it is not there.</summary>
    /// <exception cref="BadRequestException">It is neither.</exception>
    public bool Flag(string name) =>
        Text(name) switch
        {
            "" or "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
            "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            var text => throw new BadRequestException(
                $"invalid parameter \"{name}\": \"{Shortened(text)}\" is neither true nor false"
            ),
        };

    /// <summary>The parameter <c>limit</c>; 0, which is none, when it is not there.</summary>
    /// <exception cref="BadRequestException">It is no number, or a negative one.</exception>
    public int Limit()
    {
        var text = Text("limit");
        if (text.Length == 0)
        {
            return 0;
        }
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit))
        {
            throw new BadRequestException($"invalid parameter \"limit\": \"{Shortened(text)}\" is no whole number");
        }
        return limit >= 0
            ? (int)Math.Min(limit, int.MaxValue - 1)
            : throw new BadRequestException("invalid parameter \"limit\": limit must be non-negative");
    }

    /// <summary>The range of <c>start</c> and <c>end</c>; all time without them. One that runs backwards is turned round.</summary>
    /// <exception cref="BadRequestException">One of them is no time.</exception>
    public TimeRange Range()
    {
        var (startMs, endMs) = (Start(), End());
        return new TimeRange(Math.Min(startMs, endMs), Math.Max(startMs, endMs));
    }

    /// <summary>The parameter <c>start</c>; the earliest time without it.</summary>
    /// <exception cref="BadRequestException">It is no time.</exception>
    public long Start() => TimeParameter.Parse("start", Text("start"), long.MinValue / 2);

    /// <summary>The parameter <c>end</c>; the latest time without it.</summary>
    /// <exception cref="BadRequestException">It is no time.</exception>
    public long End() => TimeParameter.Parse("end", Text("end"), long.MaxValue / 2);

    /// <summary>The selectors of <c>match[]</c>, each with a matcher that does not match the empty text.</summary>
    /// <param name="namesParameter">Whether errors begin with the parameter's name, as upstream's of some endpoints do.</param>
    /// <exception cref="BadRequestException">One does not parse, or there are too many.</exception>
    public IReadOnlyList<VectorSelector> Selectors(bool namesParameter)
    {
        const string name = "match[]";
        var prefix = namesParameter ? $"invalid parameter \"{name}\": " : "";
        var texts = query[name].Select(text => text ?? "");
        texts = mayBeJoined ? texts.SelectMany(JoinedSelectors.Split) : texts;
        texts = body is null ? texts : body[name].Select(text => text ?? "").Concat(texts);
        var selectors = texts.Take(MaxSelectors + 1).Select(text => Parse(text, prefix)).ToList();
        return selectors.Count <= MaxSelectors
            ? selectors
            : throw new BadRequestException($"more than {MaxSelectors} match[] parameters: ask in several requests");
    }

    /// <summary>What is no escape would be read as if it were text, and be another query.</summary>
    private static void CheckEscapes(string query)
    {
        for (var at = query.IndexOf('%'); at >= 0; at = query.IndexOf('%', at + 1))
        {
            if (at + 2 >= query.Length || !char.IsAsciiHexDigit(query[at + 1]) || !char.IsAsciiHexDigit(query[at + 2]))
            {
                var shown = query.AsSpan(at, Math.Min(3, query.Length - at));
                throw new BadRequestException($"error parsing form values: invalid URL escape \"{shown}\"");
            }
        }
    }

    private static VectorSelector Parse(string text, string prefix)
    {
        VectorSelector selector;
        try
        {
            selector = SelectorParser.ParseAny(text);
        }
        catch (ParseException exception)
        {
            throw new BadRequestException(prefix + exception.Message, exception);
        }
        return selector.Matchers.Any(matcher => !matcher.MatchesEmpty)
            ? selector
            : throw new BadRequestException(prefix + "match[] must contain at least one non-empty matcher");
    }

    /// <summary>A text as an error shows it.</summary>
    public static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
