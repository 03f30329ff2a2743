// An RTSP server for tests: whoever announces a path publishes it, everybody may play it; loopback, TCP only.
// With -user and -password a player must give them (RFC 7826 section 19.1, Digest or Basic).
package main

import (
	"flag"
	"log"
	"sync"

	"github.com/bluenviron/gortsplib/v4"
	"github.com/bluenviron/gortsplib/v4/pkg/base"
	"github.com/bluenviron/gortsplib/v4/pkg/description"
	"github.com/bluenviron/gortsplib/v4/pkg/format"
	"github.com/bluenviron/gortsplib/v4/pkg/liberrors"
	"github.com/pion/rtp"
)

type broadcast struct {
	stream    *gortsplib.ServerStream
	publisher *gortsplib.ServerSession
}

type server struct {
	rtsp           *gortsplib.Server
	user, password string

	mutex sync.Mutex
	paths map[string]broadcast
}

// A new one each time: the library writes the session's headers into it.
func fine() *base.Response     { return &base.Response{StatusCode: base.StatusOK} }
func notFound() *base.Response { return &base.Response{StatusCode: base.StatusNotFound} }

func (s *server) of(path string) (*gortsplib.ServerStream, bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	found, there := s.paths[path]
	return found.stream, there
}

func (s *server) welcome(conn *gortsplib.ServerConn, request *base.Request) bool {
	return s.user == "" || conn.VerifyCredentials(request, s.user, s.password)
}

func (s *server) OnDescribe(c *gortsplib.ServerHandlerOnDescribeCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if !s.welcome(c.Conn, c.Request) {
		// The library itself adds the challenge when it is told so.
		return &base.Response{StatusCode: base.StatusUnauthorized}, nil, liberrors.ErrServerAuth{}
	}
	if stream, there := s.of(c.Path); there {
		return fine(), stream, nil
	}
	return notFound(), nil, nil
}

func (s *server) OnAnnounce(c *gortsplib.ServerHandlerOnAnnounceCtx) (*base.Response, error) {
	stream := &gortsplib.ServerStream{Server: s.rtsp, Desc: c.Description}
	if err := stream.Initialize(); err != nil {
		return &base.Response{StatusCode: base.StatusBadRequest}, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if before, there := s.paths[c.Path]; there {
		before.stream.Close()
		before.publisher.Close()
	}
	s.paths[c.Path] = broadcast{stream, c.Session}
	return fine(), nil
}

func (s *server) OnSetup(c *gortsplib.ServerHandlerOnSetupCtx) (*base.Response, *gortsplib.ServerStream, error) {
	if c.Session.State() == gortsplib.ServerSessionStatePreRecord {
		return fine(), nil, nil
	}
	if stream, there := s.of(c.Path); there {
		return fine(), stream, nil
	}
	return notFound(), nil, nil
}

func (s *server) OnPlay(*gortsplib.ServerHandlerOnPlayCtx) (*base.Response, error) {
	return fine(), nil
}

func (s *server) OnRecord(c *gortsplib.ServerHandlerOnRecordCtx) (*base.Response, error) {
	stream, _ := s.of(c.Path)
	c.Session.OnPacketRTPAny(func(media *description.Media, _ format.Format, packet *rtp.Packet) {
		if err := stream.WritePacketRTP(media, packet); err != nil {
			log.Print(err)
		}
	})
	return fine(), nil
}

func (s *server) OnConnClose(c *gortsplib.ServerHandlerOnConnCloseCtx) {
	log.Printf("closed: %v", c.Error)
}

func (s *server) OnSessionClose(c *gortsplib.ServerHandlerOnSessionCloseCtx) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for path, one := range s.paths {
		if one.publisher == c.Session {
			one.stream.Close()
			delete(s.paths, path)
		}
	}
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8554", "address")
	user := flag.String("user", "", "name that players must give")
	password := flag.String("password", "", "and their password")
	flag.Parse()
	s := &server{user: *user, password: *password, paths: map[string]broadcast{}}
	s.rtsp = &gortsplib.Server{Handler: s, RTSPAddress: *listen, WriteQueueSize: 1024}
	log.Fatal(s.rtsp.StartAndWait())
}
