using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;
using Tributary.Functions.Serving;
using Tributary.Rules.Testing;

namespace Tributary.Tests.Unit.Functions;

public sealed class JUnitTextTests
{
    /// <summary>What the schemas of build servers have in common, as strict as the strictest of them.</summary>
    private const string Schema = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
          <xs:complexType name="problem">
            <xs:simpleContent>
              <xs:extension base="xs:string">
                <xs:attribute name="message" type="xs:string" use="required"/>
                <xs:attribute name="type" type="xs:string" use="required"/>
              </xs:extension>
            </xs:simpleContent>
          </xs:complexType>
          <xs:attributeGroup name="counts">
            <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
            <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
            <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
            <xs:attribute name="time" type="xs:decimal" use="required"/>
          </xs:attributeGroup>
          <xs:element name="testsuites">
            <xs:complexType>
              <xs:sequence>
                <xs:element name="testsuite" minOccurs="0" maxOccurs="unbounded">
                  <xs:complexType>
                    <xs:sequence>
                      <xs:element name="testcase" minOccurs="0" maxOccurs="unbounded">
                        <xs:complexType>
                          <xs:choice minOccurs="0">
                            <xs:element name="failure" type="problem"/>
                            <xs:element name="error" type="problem"/>
                          </xs:choice>
                          <xs:attribute name="name" type="xs:string" use="required"/>
                          <xs:attribute name="classname" type="xs:string" use="required"/>
                          <xs:attribute name="time" type="xs:decimal" use="required"/>
                        </xs:complexType>
                      </xs:element>
                    </xs:sequence>
                    <xs:attribute name="name" type="xs:string" use="required"/>
                    <xs:attributeGroup ref="counts"/>
                    <xs:attribute name="skipped" type="xs:nonNegativeInteger"/>
                  </xs:complexType>
                </xs:element>
              </xs:sequence>
              <xs:attributeGroup ref="counts"/>
            </xs:complexType>
          </xs:element>
        </xs:schema>
        """;

    private static readonly (string File, RuleTestOutcome Outcome)[] Outcomes =
    [
        (
            "a.yml",
            new RuleTestOutcome(
                [],
                [
                    new RuleTestResult("good", [], TimeSpan.FromMilliseconds(1500)),
                    new RuleTestResult(
                        "<bad> & \u0001",
                        ["  alert: A\n  exp: \"x\" \ud800", "second"],
                        TimeSpan.FromTicks(7)
                    ),
                ]
            )
        ),
        ("b.yml", new RuleTestOutcome([], [new RuleTestResult("", ["b.yml:1:1: no such field"], TimeSpan.Zero)])),
        ("c.yml", new RuleTestOutcome([], [])),
    ];

    [Fact]
    public async Task Write_AnyOutcome_IsOfTheSchema()
    {
        var schemas = new XmlSchemaSet();
        using var text = new StringReader(Schema);
        using var reader = XmlReader.Create(text);
        schemas.Add(null, reader);
        (await WriteAsync()).Validate(schemas, (_, problem) => Assert.Fail(problem.Message));
    }

    [Fact]
    public async Task Write_CountsEveryCaseOnce()
    {
        var root = (await WriteAsync()).Root!;
        Assert.Equal(
            ["3 1 1 1.500001", "2 1 0 1.500001", "1 0 1 0.000000", "0 0 0 0.000000"],
            root.DescendantsAndSelf()
                .Where(element => element.Attribute("tests") is not null)
                .Select(element =>
                    string.Join(
                        ' ',
                        ((string[])["tests", "failures", "errors", "time"]).Select(name =>
                            element.Attribute(name)!.Value
                        )
                    )
                )
        );
    }

    /// <summary>Build servers show one failure of a test: it has everything.</summary>
    [Fact]
    public async Task Write_SeveralProblems_AreOneFailure()
    {
        var failure = Assert.Single((await WriteAsync()).Descendants("failure"));
        Assert.Equal("<bad> & \ufffd", failure.Parent!.Attribute("name")!.Value);
        Assert.Equal("alert: A", failure.Attribute("message")!.Value);
        Assert.Equal("  alert: A\n  exp: \"x\" \ufffd\n\nsecond", failure.Value);
        var error = Assert.Single((await WriteAsync()).Descendants("error"));
        Assert.Equal(("b.yml", "b.yml:1:1: no such field"), (error.Parent!.Attribute("name")!.Value, error.Value));
    }

    private static async Task<XDocument> WriteAsync()
    {
        using var output = new MemoryStream();
        await JUnitText.WriteAsync(output, Outcomes);
        output.Position = 0;
        return await XDocument.LoadAsync(output, LoadOptions.PreserveWhitespace, CancellationToken.None);
    }
}
