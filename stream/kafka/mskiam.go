package kafka

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	signer "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/segmentio/kafka-go/sasl"
	"github.com/segmentio/kafka-go/sasl/aws_msk_iam_v2"
)

// awsSettings are what properties say of logging in by AWS_MSK_IAM. The rest
// comes from where the programs of AWS look for it: AWS_ACCESS_KEY_ID and the
// like, ~/.aws, the role of a container or a machine.
type awsSettings struct {
	profile string
}

func (s awsSettings) mechanism() sasl.Mechanism { return mskMechanism{s} }

// mskMechanism looks for the credentials when they are needed.
type mskMechanism struct{ awsSettings }

func (mskMechanism) Name() string { return mechanismMSK }

func (m mskMechanism) Start(ctx context.Context) (sasl.StateMachine, []byte, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(m.profile))
	if err != nil {
		return nil, nil, &credentialsError{from: "AWS", hint: awsHint, cause: err}
	}
	region := cfg.Region
	if meta := sasl.MetadataFromContext(ctx); meta != nil {
		// The region of the cluster signs, wherever this program runs.
		if r := regionOf(meta.Host); r != "" {
			region = r
		}
	}
	if region == "" {
		return nil, nil, &credentialsError{from: "AWS", hint: "set AWS_REGION to the region of the cluster", cause: errors.New("the region is not known")}
	}
	msk := &aws_msk_iam_v2.Mechanism{Signer: signer.NewSigner(), Credentials: aws.NewCredentialsCache(cfg.Credentials), Region: region}
	session, first, err := msk.Start(ctx)
	if err != nil {
		return nil, nil, &credentialsError{from: "AWS", hint: awsHint, cause: err}
	}
	return session, first, nil
}

const awsHint = "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; aws sts get-caller-identity shows what is found"

// regionOf finds the region in the name of a broker of MSK, such as
// b-1.name.abc123.c2.kafka.eu-west-1.amazonaws.com.
func regionOf(host string) string {
	parts := strings.Split(host, ".")
	for i, part := range parts {
		if i+2 < len(parts) && strings.HasPrefix(part, "kafka") && parts[i+2] == "amazonaws" {
			return parts[i+1]
		}
	}
	return ""
}
